// Bouncy Castle, as a provider and by its own classes. Usage: BouncyCastle WAY ALGORITHM PUBLIC-KEY MATERIAL; prints the ciphertext in base64.

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import javax.crypto.Cipher;
import org.bouncycastle.crypto.AsymmetricBlockCipher;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.encodings.OAEPEncoding;
import org.bouncycastle.crypto.encodings.PKCS1Encoding;
import org.bouncycastle.crypto.engines.RSAEngine;
import org.bouncycastle.crypto.params.ParametersWithRandom;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

class BouncyCastle {
    public static void main(String[] args) throws Exception {
        byte[] der = Files.readAllBytes(Path.of(args[2]));
        byte[] material = Files.readAllBytes(Path.of(args[3]));
        byte[] wrapped = args[0].startsWith("classes")
                ? byClasses(args[0], args[1], der, material)
                : byProvider(args[0], args[1], der, material);
        System.out.println(Base64.getEncoder().encodeToString(wrapped));
    }

    private static byte[] byProvider(String way, String algorithm, byte[] der, byte[] material) throws Exception {
        PublicKey key = KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(der));
        String name = way.equals("only-RSA") ? "RSA" : switch (algorithm) {
            case "RSAES_PKCS1_V1_5" -> "RSA/ECB/PKCS1Padding";
            case "RSAES_OAEP_SHA_1" -> "RSA/ECB/OAEPWithSHA-1AndMGF1Padding";
            default -> "RSA/ECB/OAEPWithSHA-256AndMGF1Padding";
        };
        Cipher cipher = Cipher.getInstance(name, new BouncyCastleProvider());
        cipher.init(Cipher.ENCRYPT_MODE, key);
        return cipher.doFinal(material);
    }

    private static byte[] byClasses(String way, String algorithm, byte[] der, byte[] material) throws Exception {
        AsymmetricBlockCipher engine = new RSAEngine();
        AsymmetricBlockCipher cipher;
        if (algorithm.equals("RSAES_PKCS1_V1_5")) {
            cipher = new PKCS1Encoding(engine);
        } else if (algorithm.equals("RSAES_OAEP_SHA_1") || way.equals("classes-default")) {
            cipher = new OAEPEncoding(engine);
        } else {
            cipher = new OAEPEncoding(engine, new SHA256Digest());
        }
        cipher.init(true, new ParametersWithRandom(PublicKeyFactory.createKey(der)));
        return cipher.processBlock(material, 0, material.length);
    }
}
