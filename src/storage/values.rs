//! `VALUES` lists, for statements that work on many keys or rows at once.
//!
//! Each length would be a statement of its own, kept prepared by every connection: hundreds of them,
//! of hundreds of kilobytes. So a list is filled up to the next power of two with rows of NULL, which
//! match no key and are filtered out of inserts.

use sea_orm::{DbBackend, Statement, Value};

/// Rows of `N` values.
#[derive(Clone, Debug)]
pub(super) struct Rows<const N: usize>(Vec<[Value; N]>);

impl<const N: usize> FromIterator<[Value; N]> for Rows<N> {
    fn from_iter<I: IntoIterator<Item = [Value; N]>>(rows: I) -> Self {
        Self(rows.into_iter().collect())
    }
}

impl<const N: usize> Rows<N> {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The statement around these rows, which must not be empty; `sql` is given the list.
    pub fn statement(self, backend: DbBackend, sql: impl FnOnce(&str) -> String) -> Statement {
        let Self(mut rows) = self;
        let length = rows.len().next_power_of_two();
        if let Some(last) = rows.last() {
            let filler = last.clone().map(|value| value.as_null());
            rows.resize(length, filler);
        }
        let sql = sql(&placeholders(backend, length, N));
        Statement::from_sql_and_values(backend, sql, rows.into_iter().flatten())
    }
}

/// A list for PostgreSQL's `string_to_array`: one parameter, however long it is.
pub(super) fn list<T: ToString>(items: impl Iterator<Item = T>) -> String {
    items.map(|item| item.to_string()).collect::<Vec<_>>().join(",")
}

/// `($1,$2),($3,$4)` for two rows of two columns; `(?,?),(?,?)` for `SQLite`, which looks numbered
/// parameters up by name, each time from the start.
fn placeholders(backend: DbBackend, rows: usize, columns: usize) -> String {
    let mut list = String::with_capacity(rows * columns * 6);
    for row in 0..rows {
        list.push_str(if row == 0 { "(" } else { ",(" });
        for column in 1..=columns {
            if column > 1 {
                list.push(',');
            }
            if backend == DbBackend::Sqlite {
                list.push('?');
            } else {
                list.push('$');
                list.push_str(&(row * columns + column).to_string());
            }
        }
        list.push(')');
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_count_on_from_row_to_row() {
        assert_eq!(placeholders(DbBackend::Postgres, 2, 3), "($1,$2,$3),($4,$5,$6)");
        assert_eq!(placeholders(DbBackend::Sqlite, 2, 3), "(?,?,?),(?,?,?)");
    }

    #[test]
    fn a_list_is_filled_up_to_a_power_of_two() {
        let rows: Rows<2> = (1..=3_i64).map(|n| [Value::from(n), Value::from("x")]).collect();

        let statement = rows.statement(DbBackend::Postgres, |list| format!("VALUES {list}"));

        assert_eq!(statement.sql, "VALUES ($1,$2),($3,$4),($5,$6),($7,$8)");
        let values = statement.values.expect("values").0;
        assert_eq!(values[6..], [Value::BigInt(None), Value::String(None)]);
    }
}
