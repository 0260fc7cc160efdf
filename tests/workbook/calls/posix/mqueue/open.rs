//! `mq_open`: creates and opens queues.

use super::*;

#[test]
fn mq_open_creates_a_queue_with_name_owner_and_masked_mode() {
    private(|| {
        nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_retain(0o027));
        let mq = mq_open(Q, O_CREAT | O_EXCL | O_RDWR, 0o666, Some(&MqAttr::new(4, 100))).unwrap();
        let file = std::fs::metadata(FILE).unwrap();
        assert_eq!(file.mode() & 0o7777, 0o640);
        assert_eq!(file.uid(), nix::unistd::geteuid().as_raw());
        assert_eq!(file.gid(), nix::unistd::getegid().as_raw());
        assert_eq!(file.ino(), nix::sys::stat::fstat(&mq).unwrap().st_ino);
        assert!(closes_on_exec(&mq));
        assert_eq!(mq_getattr(&mq), Ok(MqAttr::new(4, 100)));
        unlink();
    });
}

#[test]
fn a_queue_without_attributes_has_the_system_defaults() {
    private(|| {
        let mq = mq_open(Q, O_CREAT | O_EXCL | O_RDWR, 0o600, None).unwrap();
        let defaults = MqAttr::new(limit("msg_default"), limit("msgsize_default"));
        assert!(defaults.mq_maxmsg > 0 && defaults.mq_msgsize > 0);
        assert_eq!(mq_getattr(&mq), Ok(defaults));
        unlink();
    });
}

#[test]
fn o_creat_opens_an_existing_queue_and_ignores_mode_and_attributes() {
    private(|| {
        let first = queue(0);
        let second = mq_open(Q, O_CREAT | O_RDWR, 0o777, Some(&MqAttr::new(5, 50))).unwrap();
        assert_eq!(std::fs::metadata(FILE).unwrap().mode() & 0o7777, 0o600);
        mq_send(&first, b"same", 0).unwrap();
        assert_eq!(bytes_queued(&second), "4");
        assert_eq!(mq_getattr(&second).unwrap().mq_maxmsg, 2);
        unlink();
    });
}

#[test]
fn queues_work_where_dev_mqueue_is_not_mounted() {
    private_as(User::Me, Mqueue::Absent, || {
        let mq = queue(0);
        assert!(queue_exists("/q") && !Path::new(FILE).exists());
        mq_send(&mq, b"unseen", 0).unwrap();
        assert_eq!(bytes_queued(&mq), "6");
        unlink();
        assert!(!queue_exists("/q"));
    });
}

#[test]
fn a_queue_without_permission_is_eacces() {
    private_as_ordinary_user(|| {
        drop(mq_open(Q, O_CREAT | O_EXCL | O_RDWR, 0o400, None).unwrap());
        mq_open(Q, O_RDONLY, 0, None).unwrap();
        assert_eq!(mq_open(Q, O_WRONLY, 0, None).unwrap_err(), Errno::EACCES);
        assert_eq!(mq_open(Q, O_RDWR, 0, None).unwrap_err(), Errno::EACCES);
        unlink();
    });
}

#[test]
fn a_second_slash_in_a_queue_name_is_eacces() {
    private(|| {
        for name in [c"/a/b", c"//a", c"/a/", c"//"] {
            assert_eq!(mq_open(name, O_CREAT | O_RDWR, 0o600, None).unwrap_err(), Errno::EACCES, "{name:?}");
            assert_eq!(mq_unlink(name).unwrap_err(), Errno::EACCES, "{name:?}");
        }
    });
}

#[test]
fn a_queue_named_dot_or_dot_dot_is_eacces() {
    private(|| {
        for name in [c"/.", c"/.."] {
            assert_eq!(mq_open(name, O_CREAT | O_RDWR, 0o600, None).unwrap_err(), Errno::EACCES, "{name:?}");
            assert_eq!(mq_unlink(name).unwrap_err(), Errno::EACCES, "{name:?}");
        }
    });
}

#[test]
fn creating_an_existing_queue_exclusively_is_eexist() {
    private(|| {
        let _mq = queue(0);
        assert_eq!(mq_open(Q, O_CREAT | O_EXCL | O_RDWR, 0o600, None).unwrap_err(), Errno::EEXIST);
        unlink();
    });
}

#[test]
fn a_queue_name_without_a_leading_slash_is_einval() {
    private(|| {
        for name in [c"q", c"", c"q/"] {
            assert_eq!(mq_open(name, O_CREAT | O_RDWR, 0o600, None).unwrap_err(), Errno::EINVAL, "{name:?}");
            assert_eq!(mq_unlink(name).unwrap_err(), Errno::EINVAL, "{name:?}");
        }
    });
}

#[test]
fn queue_attributes_out_of_range_are_einval() {
    private(|| {
        // The last two exceed even the limits for a process with CAP_SYS_RESOURCE.
        for (maxmsg, msgsize) in [(0, 8), (-1, 8), (2, 0), (2, -1), (65537, 8), (2, 16_777_217)] {
            let attr = MqAttr::new(maxmsg, msgsize);
            let result = mq_open(Q, O_CREAT | O_RDWR, 0o600, Some(&attr));
            assert_eq!(result.unwrap_err(), Errno::EINVAL, "{attr:?}");
        }
        assert!(!queue_exists("/q"));
    });
}

#[test]
fn the_largest_queue_attributes_are_the_two_limits() {
    private_as_ordinary_user(|| {
        let (maxmsg, msgsize) = (limit("msg_max"), limit("msgsize_max"));
        let create =
            |maxmsg, msgsize| mq_open(Q, O_CREAT | O_RDWR, 0o600, Some(&MqAttr::new(maxmsg, msgsize)));
        assert_eq!(create(maxmsg + 1, 1).unwrap_err(), Errno::EINVAL);
        assert_eq!(create(1, msgsize + 1).unwrap_err(), Errno::EINVAL);
        create(maxmsg, 1).unwrap();
        unlink();
        create(1, msgsize).unwrap();
        unlink();
    });
}

#[test]
fn opening_a_queue_write_only_and_read_write_at_once_is_einval() {
    private(|| {
        let _mq = queue(0);
        for flags in [O_WRONLY | O_RDWR, O_WRONLY | O_RDWR | O_CREAT] {
            assert_eq!(mq_open(Q, flags, 0o600, None).unwrap_err(), Errno::EINVAL, "{flags:#o}");
        }
        unlink();
    });
}

#[test]
fn creating_a_queue_write_only_and_read_write_at_once_gives_a_useless_descriptor() {
    private(|| {
        let mq = mq_open(Q, O_WRONLY | O_RDWR | O_CREAT, 0o600, Some(&MqAttr::new(1, 8))).unwrap();
        assert_eq!(mq_getattr(&mq), Ok(MqAttr::new(1, 8)));
        assert_eq!(mq_send(&mq, b"x", 0).unwrap_err(), Errno::EBADF);
        assert_eq!(mq_receive(&mq, &mut [0; 8]).unwrap_err(), Errno::EBADF);
        unlink();
    });
}

#[test]
fn a_queue_without_a_free_descriptor_is_emfile_and_is_not_created() {
    private(|| {
        let result = without_descriptors(|| mq_open(Q, O_CREAT | O_RDWR, 0o600, None));
        assert_eq!(result.unwrap_err(), Errno::EMFILE);
        assert!(!queue_exists("/q"));
    });
}

#[test]
fn queues_that_exceed_rlimit_msgqueue_are_emfile_though_descriptors_are_free() {
    private(|| {
        // The kernel charges 8 * (64 + 96) = 1280 bytes for 8 messages of 64 bytes.
        let attr = MqAttr::new(8, 64);
        under_limit(Resource::RLIMIT_MSGQUEUE, 2000, || {
            let mq = mq_open(Q, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&attr)).unwrap();
            let second = mq_open(c"/second", O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&attr));
            assert_eq!(second.unwrap_err(), Errno::EMFILE);
            dup(&mq).unwrap();
        });
        unlink();
    });
}

#[test]
fn a_queue_name_of_more_than_255_bytes_is_enametoolong() {
    private(|| {
        let (longest, longer) = (long_name(255), long_name(256));
        drop(mq_open(&longest, O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&MqAttr::new(1, 1))).unwrap());
        assert!(Path::new(&format!("/dev/mqueue{}", longest.to_str().unwrap())).exists());
        mq_unlink(&longest).unwrap();
        assert_eq!(mq_open(&longer, O_CREAT | O_RDWR, 0o600, None).unwrap_err(), Errno::ENAMETOOLONG);
        assert_eq!(mq_unlink(&longer).unwrap_err(), Errno::ENAMETOOLONG);
    });
}

#[test]
fn a_missing_queue_is_enoent() {
    private(|| {
        assert_eq!(mq_open(Q, O_RDWR, 0, None).unwrap_err(), Errno::ENOENT);
        assert_eq!(mq_unlink(Q).unwrap_err(), Errno::ENOENT);
    });
}

#[test]
fn a_queue_named_slash_is_enoent_even_to_create() {
    private(|| {
        assert_eq!(mq_open(c"/", O_CREAT | O_RDWR, 0o600, None).unwrap_err(), Errno::ENOENT);
        assert_eq!(mq_unlink(c"/").unwrap_err(), Errno::ENOENT);
    });
}

#[test]
fn more_queues_than_queues_max_are_enospc() {
    private_as_ordinary_user(|| {
        let attr = MqAttr::new(1, 1);
        let name = |n| CString::new(format!("/{n}")).unwrap();
        let create = |n| mq_open(&name(n), O_CREAT | O_EXCL | O_RDWR, 0o600, Some(&attr)).map(drop);
        let max = limit("queues_max");
        for n in 0..max {
            create(n).unwrap();
        }
        assert_eq!(create(max).unwrap_err(), Errno::ENOSPC);
        mq_unlink(&name(0)).unwrap();
        create(max).unwrap();
        (1..=max).for_each(|n| mq_unlink(&name(n)).unwrap());
    });
}
