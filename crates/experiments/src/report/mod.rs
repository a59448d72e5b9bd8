//! Pictures and tables of a run.
