"""The vendor's own SDK, unmodified, against the emulator: the four steps of an import under every signature and padding.

Usage: sdk.py PORT. Material is wrapped by the `openssl` lines of the vendor's guide. Ends with a traceback at the first surprise."""
import base64
import subprocess
import sys
import tempfile

from tencentcloud.common.credential import Credential
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException as E
from tencentcloud.kms.v20190118 import kms_client, models
port=sys.argv[1]
def client(method, sign, token=None):
    return kms_client.KmsClient(Credential("AKIDtest","secret",token),"ap-guangzhou",ClientProfile(httpProfile=HttpProfile(protocol="http",endpoint="127.0.0.1:"+port,reqMethod=method),signMethod=sign,language="en-US"))
for m,s in [("POST","TC3-HMAC-SHA256"),("GET","TC3-HMAC-SHA256"),("POST","HmacSHA256"),("GET","HmacSHA256"),("POST","HmacSHA1"),("GET","HmacSHA1")]:
    c=client(m,s)
    r=models.CreateKeyRequest(); r.Alias="a-%s-%s"%(m,s); r.Type=2
    t=models.Tag(); t.TagKey="k"; t.TagValue="v"; r.Tags=[t]
    k=c.CreateKey(r).KeyId
    for alg,opts in [("RSAES_PKCS1_V1_5",["rsa_padding_mode:pkcs1"]),("RSAES_OAEP_SHA_1",["rsa_padding_mode:oaep","rsa_oaep_md:sha1"]),("RSAES_OAEP_SHA_256",["rsa_padding_mode:oaep","rsa_oaep_md:sha256"])]:
        g=models.GetParametersForImportRequest(); g.KeyId=k; g.WrappingAlgorithm=alg; g.WrappingKeySpec="RSA_2048"
        p=c.GetParametersForImport(g)
        with tempfile.TemporaryDirectory() as d:
            open(d+"/pk","wb").write(base64.b64decode(p.PublicKey)); open(d+"/m","wb").write(b"0123456789abcdef")
            a=["openssl","pkeyutl","-in",d+"/m","-out",d+"/c","-inkey",d+"/pk","-keyform","DER","-pubin","-encrypt"]
            for o in opts: a+=["-pkeyopt",o]
            subprocess.run(a,check=True)
            i=models.ImportKeyMaterialRequest(); i.KeyId=k; i.ImportToken=p.ImportToken; i.EncryptedKeyMaterial=base64.b64encode(open(d+"/c","rb").read()).decode()
            c.ImportKeyMaterial(i)
    ks=models.DescribeKeysRequest(); ks.KeyIds=[k]
    assert c.DescribeKeys(ks).KeyMetadatas[0].KeyState=="Enabled"
    l=models.ListKeyDetailRequest(); f=models.TagFilter(); f.TagKey="k"; f.TagValue=["v"]; l.TagFilters=[f]
    print(m,s,"ok",c.ListKeyDetail(l).TotalCount)
    try: client(m,s,"tok").DescribeKeys(ks); raise SystemExit("a token of nobody was taken")
    except E as e: assert e.code=="AuthFailure.TokenFailure", e
