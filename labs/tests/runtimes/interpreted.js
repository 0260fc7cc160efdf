#!/usr/bin/node
// In the mqueue file system a new file is a new queue.
process.umask(0);
require('fs').writeFileSync('/dev/mqueue' + process.argv[2], '', {flag: 'wx', mode: parseInt(process.argv[3], 8)});
