namespace IntegrationHub.Hub.Intake.Webhooks.Signatures;

/// <summary>Bytes in hexadecimal. Pure.</summary>
internal static class Hex
{
    /// <summary>The bytes, or null when the text is anything else.</summary>
    public static byte[]? Read(ReadOnlySpan<char> text)
    {
        var bytes = new byte[text.Length / 2];
        return text.Length > 0 && Convert.FromHexString(text, bytes, out var read, out _) == System.Buffers.OperationStatus.Done && read == text.Length ? bytes : null;
    }
}
