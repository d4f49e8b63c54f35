// What people do where a file is no public key, in English and 简体中文: a cell of the page of controls. No program carries it.
[
    "The message names what the file really is. Give the `PublicKey` of `GetParametersForImport`.",
    "消息会指出该文件实际是什么。请提供 `GetParametersForImport` 返回的 `PublicKey`。",
]
