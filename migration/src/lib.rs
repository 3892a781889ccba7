//! The schema, one file per change, the same for SQLite and PostgreSQL. A released file is never
//! edited: the next change is a new file that old and new servers can both run on.

pub use sea_orm_migration::prelude::*;

mod m20261124_000001_messaging;
mod m20261124_000002_people;
mod m20261124_000003_row_security;
mod m20261124_000004_sync;
mod m20261124_000010_admin_audit;
mod m20261124_000011_ws_tickets;
mod m20261124_000012_devices;

/// Every schema change in the order it is applied.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261124_000001_messaging::Migration),
            Box::new(m20261124_000002_people::Migration),
            Box::new(m20261124_000003_row_security::Migration),
            Box::new(m20261124_000004_sync::Migration),
            Box::new(m20261124_000010_admin_audit::Migration),
            Box::new(m20261124_000011_ws_tickets::Migration),
            Box::new(m20261124_000012_devices::Migration),
        ]
    }
}
