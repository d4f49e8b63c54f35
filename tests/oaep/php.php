<?php
// PHP's own extension. Usage: php.php WAY ALGORITHM PUBLIC-KEY MATERIAL; prints the ciphertext in base64.

[, $way, $algorithm, $keyFile, $materialFile] = $argv;
$pem = "-----BEGIN PUBLIC KEY-----\n" . chunk_split(base64_encode(file_get_contents($keyFile)), 64, "\n") . "-----END PUBLIC KEY-----\n";
$key = openssl_pkey_get_public($pem);
$material = file_get_contents($materialFile);
if ($way === 'default') {
    openssl_public_encrypt($material, $wrapped, $key) || exit(1);
} else {
    // There is one OAEP, without a choice of the hash, before PHP 8.5.
    $padding = $algorithm === 'RSAES_PKCS1_V1_5' ? OPENSSL_PKCS1_PADDING : OPENSSL_PKCS1_OAEP_PADDING;
    openssl_public_encrypt($material, $wrapped, $key, $padding) || exit(1);
}
echo base64_encode($wrapped), "\n";
