//! Pictures of a tape.
