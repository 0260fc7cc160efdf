//! A headless browser, controlled over a pipe with its own protocol. This needs no driver and no port. The
//! browser exits when the pipe is closed.

use base64::prelude::*;
use ipc_workbook_testing::folder::Folder;
use ipc_workbook_testing::until::until_within;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// The longest wait for an answer, on a busy machine.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);

/// A browser with one page, and a temporary profile.
pub(crate) struct Chromium {
    program: Child,
    to: Option<ChildStdin>,
    from: Receiver<Value>,
    /// The events that have arrived and were not used yet.
    events: VecDeque<Value>,
    calls: u64,
    page: String,
    scripts: bool,
    profile: Folder,
}

/// Returns the path of the browser, if it is installed.
pub(crate) fn installed() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let all = std::env::split_paths(&path).flat_map(|folder| names.map(|name| folder.join(name)));
    all.into_iter().find(|file| file.is_file())
}

impl Chromium {
    pub(crate) fn start() -> Chromium {
        let profile = Folder::new("chromium");
        // The browser reads commands from descriptor 3 and writes answers to descriptor 4.
        let mut program = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", "sh"])
            .arg(installed().expect("chromium is not installed"))
            .args(["--headless", "--remote-debugging-pipe", "--hide-scrollbars", "--disable-gpu"])
            // The sandbox does not work for root, and only our own pages are opened.
            .arg("--no-sandbox")
            // Keep its files out of /dev/shm, which the workbook's lessons list.
            .arg("--disable-dev-shm-usage")
            .args(["--disable-background-networking", "--disable-component-update", "--no-first-run"])
            .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
            .arg(format!("--user-data-dir={}", profile.display()))
            .env("HOME", &*profile)
            .env("TMPDIR", &*profile)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the browser");
        let to = program.stdin.take();
        let mut answers = BufReader::new(program.stdout.take().expect("a pipe"));
        let (heard, from) = channel();
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while answers.read_until(0, &mut message).is_ok_and(|length| length > 0) {
                let answer = serde_json::from_slice(message.strip_suffix(&[0]).unwrap_or(&message));
                if heard.send(answer.unwrap_or(Value::Null)).is_err() {
                    break;
                }
                message.clear();
            }
        });
        let mut browser = Chromium {
            program,
            to,
            from,
            events: VecDeque::new(),
            calls: 0,
            page: String::new(),
            scripts: true,
            profile,
        };
        let page = browser.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let target = json!({ "targetId": page["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", &target);
        browser.page = attached["sessionId"].as_str().expect("a session").into();
        for domain in ["Page", "Runtime", "Network", "Log"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        browser
    }

    /// Makes the browser look new: nothing is stored, and the width and the colours are the usual ones.
    pub(crate) fn reset(&mut self, home: &str) {
        self.scripts(true);
        self.call("Emulation.clearDeviceMetricsOverride", &json!({}));
        self.call("Emulation.setEmulatedMedia", &json!({ "media": "", "features": [] }));
        self.call("Storage.clearDataForOrigin", &json!({ "origin": home, "storageTypes": "all" }));
    }

    /// Sends a command of the protocol, and returns its result.
    pub(crate) fn call(&mut self, method: &str, params: &Value) -> Value {
        self.calls += 1;
        let mut message = json!({ "id": self.calls, "method": method, "params": params });
        if !self.page.is_empty() {
            message["sessionId"] = json!(self.page);
        }
        let to = self.to.as_mut().expect("a pipe");
        to.write_all(format!("{message}\0").as_bytes()).expect("the browser reads commands");
        loop {
            let answer = self.hear(method);
            if answer["id"] != self.calls {
                self.events.push_back(answer);
                continue;
            }
            assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
            return answer["result"].clone();
        }
    }

    fn hear(&mut self, waiting_for: &str) -> Value {
        let heard = self.from.recv_timeout(ANSWER_TIMEOUT);
        heard.unwrap_or_else(|error| panic!("the browser does not answer {waiting_for}: {error}"))
    }

    /// Opens a page, and waits until it has loaded. Forgets earlier events.
    pub(crate) fn open(&mut self, address: &str) {
        self.events.clear();
        let opened = self.call("Page.navigate", &json!({ "url": address }));
        assert!(opened["errorText"].is_null(), "{address}: {}", opened["errorText"]);
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.hear("the load of a page");
            self.events.push_back(event);
        }
        // Wait for what the page does after it has loaded, too.
        if self.scripts {
            self.next_frame();
        }
    }

    /// Waits until the page has been drawn.
    pub(crate) fn next_frame(&mut self) {
        self.js("new Promise(done => requestAnimationFrame(() => setTimeout(done)))");
    }

    /// Returns the value of an expression in the page. A promise is awaited.
    pub(crate) fn js(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut answer = self.call("Runtime.evaluate", &params);
        assert!(answer["exceptionDetails"].is_null(), "{expression:.200}: {}", answer["exceptionDetails"]);
        answer["result"]["value"].take()
    }

    /// Returns whether an expression becomes true within the time limit.
    pub(crate) fn comes_true(&mut self, expression: &str) -> bool {
        let wait = "new Promise(done => setTimeout(done, 50))";
        (0..200).any(|_| self.js(expression) == true || self.js(wait) == true)
    }

    /// Presses a key in the focused element.
    pub(crate) fn press(&mut self, key: &str) {
        let (code, text) = match key {
            "Enter" => (13, "\r"),
            "Tab" => (9, ""),
            " " => (32, " "),
            "End" => (35, ""),
            "ArrowLeft" => (37, ""),
            "ArrowRight" => (39, ""),
            "ArrowDown" => (40, ""),
            _ => (0, key),
        };
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let params = json!({ "type": kind, "key": key, "text": text, "windowsVirtualKeyCode": code });
            self.call("Input.dispatchKeyEvent", &params);
        }
    }

    /// Returns the content of the window as PNG.
    pub(crate) fn screenshot(&mut self) -> Vec<u8> {
        let taken = self.call("Page.captureScreenshot", &json!({ "format": "png" }));
        BASE64_STANDARD.decode(taken["data"].as_str().expect("a picture")).expect("base64")
    }

    /// Sets the width of the window, in pixels.
    pub(crate) fn width(&mut self, width: u32) {
        let params = json!({ "width": width, "height": 700, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", &params);
    }

    /// Sets the colours that the reader prefers: "light" or "dark".
    pub(crate) fn scheme(&mut self, scheme: &str) {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.call("Emulation.setEmulatedMedia", &json!({ "features": [feature] }));
    }

    /// Allows or forbids scripts on the pages that are opened from now on.
    pub(crate) fn scripts(&mut self, allowed: bool) {
        self.scripts = allowed;
        self.call("Emulation.setScriptExecutionDisabled", &json!({ "value": !allowed }));
    }

    /// Returns the errors since the page was opened: whatever is on the console, failed requests, and requests
    /// to any address but `home`.
    pub(crate) fn complaints(&mut self, home: &str) -> Vec<String> {
        let complaint = |event: &Value| {
            let about = &event["params"];
            let text = |value: &Value| value.as_str().map_or(value.to_string(), String::from);
            match event["method"].as_str()? {
                "Runtime.exceptionThrown" => Some(format!("throws {}", about["exceptionDetails"])),
                "Runtime.consoleAPICalled" => Some(format!("writes to the console: {}", about["args"])),
                "Log.entryAdded"
                    if about["entry"]["level"] == "error" || about["entry"]["level"] == "warning" =>
                {
                    Some(format!("logs {}: {}", text(&about["entry"]["text"]), text(&about["entry"]["url"])))
                }
                "Network.loadingFailed" => Some(format!("fails to load: {}", text(&about["errorText"]))),
                "Network.responseReceived" if about["response"]["status"].as_u64() >= Some(400) => {
                    Some(format!("is refused {}", text(&about["response"]["url"])))
                }
                "Network.requestWillBeSent" => {
                    let address = text(&about["request"]["url"]);
                    // A page makes data: and blob: addresses itself; they ask no server.
                    let ours = [home, "data:", "blob:"].iter().any(|start| address.starts_with(start));
                    (!ours).then(|| format!("asks {address}"))
                }
                _ => None,
            }
        };
        self.events.iter().filter_map(complaint).collect()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        self.to = None;
        let _ = self.program.wait();
        // Another process of the browser may run a moment longer and write to the profile.
        until_within(Duration::from_secs(2), || {
            let removed = std::fs::remove_dir_all(&*self.profile);
            (removed.is_ok() && !self.profile.exists()).then_some(())
        });
    }
}
