//! Several servers of one database, which hear of each other by Redis.

mod delivery;
