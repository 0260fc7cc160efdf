//! The events that a listener gets about queues.

use super::*;

#[test]
fn a_listener_gets_the_creation_and_the_removal_of_a_queue() {
    private(|| {
        let mut fd = 0;
        let all = heard(|| {
            let attr = MqAttr::new(4, 8192);
            let mq = mq_open(c"/x", O_RDWR | O_CREAT | O_EXCL, 0o600, Some(&attr)).unwrap();
            fd = mq.as_raw_fd();
            mq_open(c"/x", O_RDWR | O_CREAT | O_EXCL, 0o640, None).unwrap_err();
            mq_open(c"/x", O_RDONLY | O_NONBLOCK, 0o777, Some(&attr)).unwrap();
            mq_open(c"/y\n", O_WRONLY, 0, None).unwrap_err();
            mq_unlink(c"/x").unwrap();
            mq_unlink(c"/x").unwrap_err();
            mq_close(mq).unwrap();
        });
        let second = fd + 1;
        let want = [
            "creating".into(),
            "created queue /x".into(),
            format!(r#"mq_open("/x", O_RDWR|O_CREAT|O_EXCL, 0600, {{mq_maxmsg=4, mq_msgsize=8192}}) = {fd}"#),
            "settled".into(),
            "creating".into(),
            r#"mq_open("/x", O_RDWR|O_CREAT|O_EXCL, 0640, NULL) = -1 EEXIST (File exists)"#.into(),
            "settled".into(),
            "creating".into(),
            format!(r#"mq_open("/x", O_RDONLY|O_NONBLOCK) = {second}"#),
            "settled".into(),
            "creating".into(),
            r#"mq_open("/y\n", O_WRONLY) = -1 ENOENT (No such file or directory)"#.into(),
            "settled".into(),
            r#"mq_unlink("/x") = 0"#.into(),
            "removed queue /x".into(),
            r#"mq_unlink("/x") = -1 ENOENT (No such file or directory)"#.into(),
            format!("mq_close({fd}) = 0"),
        ];
        assert_eq!(all, want);
    });
}

#[test]
fn a_listener_gets_no_creation_where_the_queue_may_have_existed() {
    private(|| {
        let all = heard(|| drop(mq_open(Q, O_RDWR | O_CREAT, 0o600, Some(&MqAttr::new(1, 1))).unwrap()));
        assert!(all.len() == 3 && all[0] == "creating" && all[2] == "settled", "{all:#?}");
        unlink();
    });
}

#[test]
fn a_listener_gets_messages_lengths_and_priorities() {
    private(|| {
        let mq =
            mq_open(Q, O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0o600, Some(&MqAttr::new(1, 40))).unwrap();
        let all = heard(|| {
            mq_send(&mq, b"a \"quoted\"\n\0", 5).unwrap();
            mq_send(&mq, b"", 32768).unwrap_err();
            mq_receive(&mq, &mut [0; 40]).unwrap();
            mq_receive(&mq, &mut [0; 40]).unwrap_err();
            mq_send(&mq, &[b'n'; 33], 0).unwrap();
        });
        let fd = mq.as_raw_fd();
        let want = [
            format!(r#"mq_send({fd}, "a \"quoted\"\n\0", 12, 5) = 0"#),
            format!(r#"mq_send({fd}, "", 0, 32768) = -1 EINVAL (Invalid argument)"#),
            format!(r#"mq_receive({fd}, "a \"quoted\"\n\0", 40, [5]) = 12"#),
            format!("mq_receive({fd}, buffer, 40, NULL) = -1 EAGAIN (Resource temporarily unavailable)"),
            format!(r#"mq_send({fd}, "{}"..., 33, 0) = 0"#, "n".repeat(32)),
        ];
        assert_eq!(all, want);
        unreported(unlink);
    });
}

#[test]
fn a_listener_gets_attributes() {
    private(|| {
        let mq = queue(0);
        let all = heard(|| {
            mq_getattr(&mq).unwrap();
            mq_setattr(&mq, &MqAttr { mq_flags: O_NONBLOCK.into(), ..MqAttr::default() }).unwrap();
            mq_setattr(&mq, &MqAttr { mq_flags: 1, ..MqAttr::default() }).unwrap_err();
            mq_getattr(&mq).unwrap();
        });
        let fd = mq.as_raw_fd();
        let want = [
            format!("mq_getattr({fd}, {{mq_flags=0, mq_maxmsg=2, mq_msgsize=8, mq_curmsgs=0}}) = 0"),
            format!("mq_setattr({fd}, {{mq_flags=O_NONBLOCK}}, {{mq_flags=0}}) = 0"),
            format!("mq_setattr({fd}, {{mq_flags=1}}, oldattr) = -1 EINVAL (Invalid argument)"),
            format!("mq_getattr({fd}, {{mq_flags=O_NONBLOCK, mq_maxmsg=2, mq_msgsize=8, mq_curmsgs=0}}) = 0"),
        ];
        assert_eq!(all, want);
        unreported(unlink);
    });
}
