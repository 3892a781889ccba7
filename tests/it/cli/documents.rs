//! `openapi` and `asyncapi`: the documents of the API on standard output.

use vikrahub_messaging::{http, protocol};

use crate::helpers::{Program, TestDatabase};

#[tokio::test]
async fn the_documents_are_printed() {
    let database = TestDatabase::sqlite();
    let program = Program::new(&database);

    assert_eq!(program.prints(&["openapi"]).await, http::openapi_document());
    assert_eq!(program.prints(&["asyncapi"]).await, protocol::asyncapi_document());
}
