//! Serves the book. After each change it builds the book again, and the browser reloads it.

use anyhow::{Context, Result};
use axum::Router;
use ipc_workbook_tools::cli::warn;
use notify_debouncer_mini::{new_debouncer, notify::RecursiveMode};
use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;
use tower_http::services::{ServeDir, ServeFile};
use tower_livereload::LiveReloadLayer;

/// Serves the book until Ctrl-C. `build` builds it, and returns the line to print about it.
pub(crate) fn serve(root: &Path, port: u16, build: fn(&Path) -> Result<String>) -> Result<()> {
    println!("{}", build(root)?);
    let reload = LiveReloadLayer::new();
    let reloader = reload.reloader();
    let again = root.to_path_buf();
    let mut watcher = new_debouncer(Duration::from_millis(200), move |events| {
        if let Ok(_changes) = events {
            match build(&again) {
                Ok(pages) => println!("{pages}"),
                // The last book that was built stays until the error is corrected.
                Err(error) => warn(&format!("{error:#}")),
            }
            reloader.reload();
        }
    })?;
    for folder in ["lessons", "src/bin", "book"] {
        watcher.watcher().watch(&root.join(folder), RecursiveMode::Recursive)?;
    }
    let built = root.join("target/book");
    let missing = ServeFile::new(built.join("404.html"));
    let files = ServeDir::new(built).not_found_service(missing);
    let pages = Router::new().fallback_service(files).layer(reload);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .with_context(|| format!("port {port} is taken; choose another with --port"))?;
        println!("the book is at http://localhost:{port}/ until you press Ctrl-C");
        Ok(axum::serve(listener, pages).await?)
    })
}
