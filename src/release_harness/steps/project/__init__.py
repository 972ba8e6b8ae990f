"""What a repository says about itself: its policy, its project file, its code owners, and how rh sets them up."""
