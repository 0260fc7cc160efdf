//! `mq_getattr` and `mq_setattr`: attributes.

use super::*;

#[test]
fn mq_getattr_counts_messages_and_shows_o_nonblock() {
    private(|| {
        let mq = queue(O_NONBLOCK);
        mq_send(&mq, b"x", 0).unwrap();
        let attr = MqAttr { mq_flags: O_NONBLOCK.into(), mq_maxmsg: 2, mq_msgsize: 8, mq_curmsgs: 1 };
        assert_eq!(mq_getattr(&mq), Ok(attr));
        assert_eq!(mq_getattr(&mq_open(Q, O_RDONLY, 0, None).unwrap()).unwrap().mq_flags, 0);
        unlink();
    });
}

#[test]
fn the_attributes_of_another_kind_of_descriptor_are_ebadf() {
    private(|| {
        assert_eq!(mq_getattr(&no_queue()).unwrap_err(), Errno::EBADF);
        assert_eq!(mq_setattr(&no_queue(), &MqAttr::default()).unwrap_err(), Errno::EBADF);
    });
}

#[test]
fn mq_setattr_changes_only_o_nonblock_and_returns_the_old_attributes() {
    private(|| {
        let mq = queue(0);
        mq_send(&mq, b"x", 0).unwrap();
        let old = MqAttr { mq_flags: 0, mq_maxmsg: 2, mq_msgsize: 8, mq_curmsgs: 1 };
        let wish = MqAttr { mq_flags: O_NONBLOCK.into(), mq_maxmsg: 9, mq_msgsize: 9, mq_curmsgs: 9 };
        assert_eq!(mq_setattr(&mq, &wish), Ok(old));
        assert_eq!(status_flags(&mq) & O_NONBLOCK, O_NONBLOCK);
        let new = MqAttr { mq_flags: O_NONBLOCK.into(), ..old };
        assert_eq!(mq_setattr(&mq, &MqAttr::default()), Ok(new));
        assert_eq!(status_flags(&mq) & O_NONBLOCK, 0);
        unlink();
    });
}

#[test]
fn a_queue_flag_other_than_o_nonblock_is_einval() {
    private(|| {
        let mq = queue(0);
        let wish = MqAttr { mq_flags: (O_NONBLOCK | libc::O_APPEND).into(), ..MqAttr::default() };
        assert_eq!(mq_setattr(&mq, &wish).unwrap_err(), Errno::EINVAL);
        assert_eq!(status_flags(&mq) & O_NONBLOCK, 0);
        unlink();
    });
}
