//! Settings of one unit, made larger together.

use toml::{Table, Value};

use crate::schema::Node;

/// Multiplies every number of a table whose field states `unit`. Whole numbers are rounded, to 1 at least.
pub fn scale(table: &mut Table, node: &Node, unit: &str, factor: f64) {
    for (name, value) in table {
        let (node, own) = match (node.field(name), node.kind(name)) {
            (Some(field), _) => (&field.node, field.unit.as_deref() == Some(unit)),
            (None, Some(kind)) => match &kind.node {
                Some(node) => (node, false),
                None => continue,
            },
            (None, None) => continue,
        };
        match value {
            Value::Table(inner) => scale(inner, node, unit, factor),
            Value::Integer(number) if own => *number = ((*number as f64 * factor).round() as i64).max(1),
            Value::Float(number) if own => *number *= factor,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;

    use super::*;
    use crate::schema::node_of;

    /// A table.
    #[derive(JsonSchema)]
    #[allow(dead_code, reason = "only its schema is used")]
    struct Outer {
        /// A number of hours.
        #[schemars(extend("unit" = "hours"))]
        every: u64,
        /// A kind.
        kind: Kind,
        /// Another number.
        count: u64,
        /// A table that may be absent.
        own: Option<Slow>,
    }

    /// A choice.
    #[derive(JsonSchema)]
    #[serde(rename_all = "snake_case")]
    #[allow(dead_code, reason = "only its schema is used")]
    enum Kind {
        /// Nothing.
        Plain,
        /// A table.
        Slow(Slow),
    }

    /// Its settings.
    #[derive(JsonSchema)]
    #[allow(dead_code, reason = "only its schema is used")]
    struct Slow {
        /// A number of hours.
        #[schemars(extend("unit" = "hours"))]
        over: Option<f64>,
    }

    #[test]
    fn numbers_of_the_unit_grow_wherever_they_stand() {
        let node = node_of::<Outer>();
        let scaled = |text: &str, factor| {
            let mut table: Table = text.parse().unwrap();
            scale(&mut table, &node, "hours", factor);
            table
        };
        let want: Table =
            "every = 5\ncount = 7\nkind = { slow = { over = 3.75 } }\nown = { over = 2.5 }".parse().unwrap();
        assert_eq!(
            scaled("every = 2\ncount = 7\nkind = { slow = { over = 1.5 } }\nown = { over = 1.0 }", 2.5),
            want
        );
        assert_eq!(
            scaled("every = 2\nkind = \"plain\"", 0.1),
            "every = 1\nkind = \"plain\"".parse().unwrap()
        );
    }
}
