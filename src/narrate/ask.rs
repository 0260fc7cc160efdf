//! Asks the reader for Enter between steps, and for predictions.

use std::io::{self, BufRead};

/// Waits for Enter. Returns false at the end of input.
pub fn enter() -> io::Result<bool> {
    Ok(io::stdin().lock().read_line(&mut String::new())? > 0)
}

/// Asks for one of the options by its number, and returns its index. Returns `None` at the end of input.
pub fn choose(options: &[&str], prompt: impl Fn(&str)) -> io::Result<Option<usize>> {
    loop {
        prompt(&format!("   your prediction, 1 to {}: ", options.len()));
        let mut line = String::new();
        if io::stdin().lock().read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match line.trim().parse::<usize>() {
            Ok(n) if (1..=options.len()).contains(&n) => return Ok(Some(n - 1)),
            _ => prompt("   type the number of an answer; Ctrl-C ends the lesson\n"),
        }
    }
}
