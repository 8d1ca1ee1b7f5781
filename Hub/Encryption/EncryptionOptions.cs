namespace IntegrationHub.Hub.Encryption;

/// <summary>With which keys bodies are sealed at rest (decision 0079); section <c>Hub:Encryption</c>. Keys of people and the values of profiles stay in clear.</summary>
internal sealed class EncryptionOptions
{
    /// <summary>
    /// The keys: a name of small letters, digits and hyphens for each, and where it is: <c>2026-11=file:/run/secrets/a,2026-05=env:NAME</c>; each 32 random bytes or more in Base64. Every hub of a database has
    /// the same. One may be taken away when <c>schedules show hub.encryption</c> no longer names it.
    /// </summary>
    public string? Keys { get; set; }

    /// <summary>Name of the key to seal with. Without it new values are written in clear, and what is sealed is written in clear by and by.</summary>
    public string? Current { get; set; }
}
