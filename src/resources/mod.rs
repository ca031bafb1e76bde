//! What a pod asks for: effective requests, limits, and the class that follows from them.
