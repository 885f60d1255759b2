"""What the studio and the engine say to each other. Nothing here imports anything heavy."""
