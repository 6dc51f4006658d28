// Loaded before the C library: nothing is called by name.
