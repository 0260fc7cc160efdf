//! Prints the book, or one page of it, into a PDF. The browser makes it, with a bookmark for each heading. The whole book is its
//! print page.

use anyhow::{Context, Result, bail};
use ipc_workbook_tools::cli::{Failure, show};
use ipc_workbook_tools::temporary::Temporary;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The names under which the browser is installed.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Builds the book and prints a page of it into `file`, or into target/ipc-workbook.pdf.
pub(crate) fn print(
    root: &Path,
    page: &str,
    file: Option<&PathBuf>,
    build: fn(&Path) -> Result<String>,
) -> Result<()> {
    let Some(browser) = installed() else {
        let text = "there is no chromium, which makes the PDF; install it: apt-get install chromium";
        return Err(Failure::Reported(Failure::Machine(text.into()).report("book")).into());
    };
    let file = file.cloned().unwrap_or_else(|| root.join("target/ipc-workbook.pdf"));
    // The browser reports success even if it cannot write the file.
    fs::write(&file, "")
        .with_context(|| format!("{} cannot be written; name another file", file.display()))?;
    let file = file.canonicalize()?;
    show(&format!("{}\n", build(root)?))?;
    let Ok(page) = root.join("target/book").join(page).canonicalize() else {
        fs::remove_file(&file)?;
        let text =
            format!("the book has no page {page}; name one as its address does: 13-refcount/index.html");
        return Err(Failure::Reported(Failure::Usage(text).report("book")).into());
    };
    let profile = Temporary::new(&std::env::temp_dir(), "ipc-workbook-pdf-")?;
    let status = Command::new(browser)
        .args(["--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking"])
        // The browser's sandbox does not work for root or in a container, and only our own page is opened.
        .args(["--no-sandbox", "--disable-dev-shm-usage"])
        .args(["--generate-pdf-document-outline", "--no-pdf-header-footer"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--print-to-pdf={}", file.display()))
        .arg(format!("file://{}", page.display()))
        // Its complaints are about the machine's display and message bus.
        .stderr(Stdio::null())
        .status()?;
    let size = fs::metadata(&file)?.len();
    if !status.success() || size == 0 {
        bail!("chromium has not printed {}: {status}; open the page and print it there", page.display());
    }
    show(&format!("{} bytes in {}\n", size, file.display()))?;
    Ok(())
}

/// Returns the path of the browser, if it is installed.
fn installed() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut files = std::env::split_paths(&path).flat_map(|folder| BROWSERS.map(|name| folder.join(name)));
    files.find(|file| file.is_file())
}
