<?php
// phpseclib 2. Usage: phpseclib2.php WAY ALGORITHM PUBLIC-KEY MATERIAL; prints the ciphertext in base64.

require_once 'phpseclib/autoload.php';

use phpseclib\Crypt\RSA;

[, $way, $algorithm, $keyFile, $materialFile] = $argv;
$key = new RSA();
$key->loadKey(base64_encode(file_get_contents($keyFile))) || exit(1);
$hash = $algorithm === 'RSAES_OAEP_SHA_1' ? 'sha1' : 'sha256';
if ($way !== 'default') {
    $key->setEncryptionMode($algorithm === 'RSAES_PKCS1_V1_5' ? RSA::ENCRYPTION_PKCS1 : RSA::ENCRYPTION_OAEP);
    $key->setHash($hash);
    $way === 'both-hashes' && $key->setMGFHash($hash);
}
echo base64_encode($key->encrypt(file_get_contents($materialFile))), "\n";
