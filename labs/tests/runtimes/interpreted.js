#!/usr/bin/node
// The file system of queues makes a queue of each new file.
process.umask(0);
require('fs').writeFileSync('/dev/mqueue' + process.argv[2], '', {flag: 'wx', mode: parseInt(process.argv[3], 8)});
