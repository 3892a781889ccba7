//! `VALUES` lists of any length, for statements that work on many keys at once.

use sea_orm::DbBackend;

/// `($1,$2),($3,$4)` for two rows of two columns; `(?,?),(?,?)` for `SQLite`, which looks numbered
/// parameters up by name, each time from the start.
pub(super) fn placeholders(backend: DbBackend, rows: usize, columns: usize) -> String {
    let mut list = String::with_capacity(rows * columns * 6);
    for row in 0..rows {
        list.push_str(if row == 0 { "(" } else { ",(" });
        for column in 1..=columns {
            if column > 1 {
                list.push(',');
            }
            list.push_str(&placeholder(backend, row * columns + column));
        }
        list.push(')');
    }
    list
}

/// The parameter at `number`, counted from 1. Parameters must be used in their order.
pub(super) fn placeholder(backend: DbBackend, number: usize) -> String {
    if backend == DbBackend::Sqlite { "?".to_owned() } else { format!("${number}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_count_on_from_row_to_row() {
        assert_eq!(placeholders(DbBackend::Postgres, 2, 3), "($1,$2,$3),($4,$5,$6)");
        assert_eq!(placeholders(DbBackend::Sqlite, 2, 3), "(?,?,?),(?,?,?)");
    }
}
