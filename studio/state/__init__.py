"""What the window is about, without a widget: the open project, its jobs and its history."""
