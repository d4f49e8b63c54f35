<?php
// phpseclib 3. Usage: phpseclib3.php WAY ALGORITHM PUBLIC-KEY MATERIAL; prints the ciphertext in base64.

require_once 'phpseclib3/autoload.php';

use phpseclib3\Crypt\PublicKeyLoader;
use phpseclib3\Crypt\RSA;

[, $way, $algorithm, $keyFile, $materialFile] = $argv;
$key = PublicKeyLoader::load(file_get_contents($keyFile));
$hash = $algorithm === 'RSAES_OAEP_SHA_1' ? 'sha1' : 'sha256';
if ($way !== 'default') {
    if ($algorithm === 'RSAES_PKCS1_V1_5') {
        $key = $key->withPadding(RSA::ENCRYPTION_PKCS1);
    } else {
        $key = $key->withPadding(RSA::ENCRYPTION_OAEP)->withHash($hash);
        $key = $way === 'both-hashes' ? $key->withMGFHash($hash) : $key;
    }
}
echo base64_encode($key->encrypt(file_get_contents($materialFile))), "\n";
