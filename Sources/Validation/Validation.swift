// The target's first declaration stands here until its own files do.
