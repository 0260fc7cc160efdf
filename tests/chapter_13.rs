//! Chapter 13, reference counts: driven as a student would.

mod support;

use support::*;

#[test]
fn refcount_demo_holds_every_claim() {
    private(|| {
        let output = run(workbook("refcount_demo").args(["--format", "json"]), 0);
        let events = events(&output);
        let claims: Vec<_> = events.iter().filter(|event| event["event"] == "claim").collect();
        assert!(claims.len() > 8, "{}", tell(&output));
        assert!(claims.iter().all(|claim| claim["held"] == true), "{}", tell(&output));
    });
}
