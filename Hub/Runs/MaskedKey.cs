namespace IntegrationHub.Hub.Runs;

/// <summary>A person's key, masked: enough for somebody who has the list to recognise whom it means.</summary>
internal static class MaskedKey
{
    /// <summary>The first letter and the last two.</summary>
    public static string Of(string key) => key.Length < 6 ? $"{key[..1]}…" : $"{key[..1]}…{key[^2..]}";
}
