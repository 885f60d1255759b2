"""What every medium shares: style files, works, references, progress, errors, limits."""
