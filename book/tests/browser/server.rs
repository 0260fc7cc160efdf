//! A plain file server, as anybody might use to publish the book.

use axum::Router;
use std::net::Ipv4Addr;
use std::path::Path;
use tower_http::services::{ServeDir, ServeFile};

/// Serves a folder until the test ends, and returns its address.
pub(crate) fn serve(folder: &Path) -> String {
    let missing = ServeFile::new(folder.join("404.html"));
    let pages = Router::new().fallback_service(ServeDir::new(folder).not_found_service(missing));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let listener = runtime.block_on(tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || runtime.block_on(async { axum::serve(listener, pages).await }));
    format!("http://{address}/")
}
