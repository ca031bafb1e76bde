//! The texts of cells, rows and tables.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use super::{Columns, HumanDuration, Restarts, Row, Table, Tally};

impl HumanDuration {
    /// Makes a length of whole seconds.
    ///
    /// ```
    /// use pod_lifecycle::kubectl::HumanDuration;
    ///
    /// assert_eq!(HumanDuration::from_seconds(31 * 3600).to_string(), "31h");
    /// ```
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self { seconds }
    }

    /// Returns the length in whole seconds.
    ///
    /// ```
    /// use pod_lifecycle::kubectl::HumanDuration;
    ///
    /// assert_eq!(HumanDuration::from_seconds(375).as_seconds(), 375);
    /// ```
    #[must_use]
    pub const fn as_seconds(self) -> i64 {
        self.seconds
    }
}

impl fmt::Display for HumanDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MINUTE: i64 = 60;
        const HOUR: i64 = 60 * MINUTE;
        const DAY: i64 = 24 * HOUR;
        const YEAR: i64 = 365 * DAY;
        /// What 64 bits of nanoseconds hold.
        const LONGEST: i64 = 9_223_372_036;

        let seconds = self.seconds.min(LONGEST);
        let one = |unit, name| format!("{}{name}", seconds / unit);
        let two = |unit, name, rest, rest_name| match seconds % unit / rest {
            0 => one(unit, name),
            parts => format!("{}{name}{parts}{rest_name}", seconds / unit),
        };
        let text = match seconds {
            ..-1 => "<invalid>".into(),
            -1 => "0s".into(),
            0..120 => one(1, 's'),
            120..600 => two(MINUTE, 'm', 1, 's'),
            600..10_800 => one(MINUTE, 'm'),
            10_800..28_800 => two(HOUR, 'h', MINUTE, 'm'),
            28_800..172_800 => one(HOUR, 'h'),
            172_800..691_200 => two(DAY, 'd', HOUR, 'h'),
            691_200..63_072_000 => one(DAY, 'd'),
            63_072_000..252_288_000 => two(YEAR, 'y', DAY, 'd'),
            _ => one(YEAR, 'y'),
        };
        f.pad(&text)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}", self.met, self.total))
    }
}

impl fmt::Display for Restarts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.last {
            Some(last) => f.pad(&format!("{} ({last} ago)", self.count)),
            None => f.pad(&self.count.to_string()),
        }
    }
}

impl Columns {
    /// Returns the names of the columns.
    ///
    /// ```
    /// use pod_lifecycle::kubectl::Columns;
    ///
    /// assert_eq!(Columns::Basic.header(), ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]);
    /// ```
    #[must_use]
    pub const fn header(self) -> &'static [&'static str] {
        const BASIC: &[&str] = &["NAME", "READY", "STATUS", "RESTARTS", "AGE"];
        const WIDE: &[&str] = &[
            "NAME",
            "READY",
            "STATUS",
            "RESTARTS",
            "AGE",
            "IP",
            "NODE",
            "NOMINATED NODE",
            "READINESS GATES",
        ];
        match self {
            Self::Basic => BASIC,
            Self::Wide => WIDE,
        }
    }
}

impl Row<'_> {
    /// Returns the text of each column, in the order of [`Columns::header`].
    ///
    /// As in `kubectl`, a text is cut at its first line break and an escape character is written `^[`,
    /// so that no pod can write to a terminal what it likes.
    ///
    /// ```
    /// use pod_lifecycle::{api::Pod, kubectl::{self, Columns}};
    ///
    /// let pod: Pod = serde_json::from_str(r#"{"metadata": {"name": "web"}}"#)?;
    /// let row = kubectl::row(&pod, "2026-03-01T09:00:00Z".parse().expect("a time"));
    /// assert_eq!(row.cells(Columns::Basic), ["web", "0/0", "", "0", "<unknown>"]);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn cells(&self, columns: Columns) -> Vec<String> {
        let mut cells = Vec::with_capacity(columns.header().len());
        cells.extend([
            printable(self.name),
            self.ready.to_string(),
            printable(&self.status),
            self.restarts.to_string(),
            self.age
                .map_or_else(|| "<unknown>".into(), |age| age.to_string()),
        ]);
        if columns == Columns::Wide {
            let none = || String::from("<none>");
            let or_none = |text: &str| {
                if text.is_empty() {
                    none()
                } else {
                    printable(text)
                }
            };
            cells.extend([
                or_none(self.ip),
                or_none(self.node),
                or_none(self.nominated_node),
                self.readiness_gates
                    .map_or_else(none, |gates| gates.to_string()),
            ]);
        }
        cells
    }
}

/// Returns the first line of a text, without escape characters.
fn printable(text: &str) -> String {
    match text.split_once(['\n', '\r', '\u{c}']) {
        Some((line, _)) => format!("{}...", line.replace('\u{1b}', "^[")),
        None => text.replace('\u{1b}', "^["),
    }
}

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = if f.alternate() {
            Columns::Wide
        } else {
            Columns::Basic
        };
        f.write_str(&self.cells(columns).join("   "))
    }
}

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const GAP: usize = 3;
        const NARROWEST: usize = 6;

        let header = self.columns.header().iter().map(ToString::to_string);
        let mut lines = Vec::with_capacity(self.rows.len() + 1);
        lines.push(header.collect());
        lines.extend(self.rows.iter().map(|row| row.cells(self.columns)));
        let mut widths = [NARROWEST; 9];
        for line in &lines {
            for (width, cell) in widths.iter_mut().zip(line) {
                *width = (*width).max(cell.chars().count() + GAP);
            }
        }
        for line in &lines {
            if let Some((last, cells)) = line.split_last() {
                for (cell, width) in cells.iter().zip(widths) {
                    write!(f, "{cell:width$}")?;
                }
                writeln!(f, "{last}")?;
            }
        }
        Ok(())
    }
}
