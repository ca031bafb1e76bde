//! Arithmetic with instants that never fails.

use core::time::Duration;

use jiff::Timestamp;

/// Returns the instant that long after another, or the last one there is.
pub(crate) fn after(instant: Timestamp, length: Duration) -> Timestamp {
    instant.checked_add(length).unwrap_or(Timestamp::MAX)
}

/// Returns how long after `earlier` an instant is; zero when it is not.
pub(crate) fn since(instant: Timestamp, earlier: Timestamp) -> Duration {
    Duration::try_from(instant.duration_since(earlier)).unwrap_or(Duration::ZERO)
}
