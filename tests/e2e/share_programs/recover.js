// Recovers shares, one on each line of standard input, with the npm package slip39: prints the secret in hex, or its own exception.
// recover.js FOLDER: the folder with node_modules.
const slip39 = require(require('path').join(process.argv[2], 'node_modules', 'slip39'));
const shares = require('fs').readFileSync(0, 'utf8').trim().split('\n');
console.log(Buffer.from(slip39.recoverSecret(shares, '')).toString('hex'));
