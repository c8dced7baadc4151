//! Regions by their six-digit code (GB/T 2260).
