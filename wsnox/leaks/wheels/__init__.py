"""Which files the build backends put into a wheel, told from build settings and the tree, without building."""
