namespace IntegrationHub.Hub.Encryption;

/// <summary>With which keys bodies, and attributes of people, are sealed at rest (decisions 0079 and 0113); section <c>Hub:Encryption</c>. Keys of people stay in clear.</summary>
internal sealed class EncryptionOptions
{
    /// <summary>
    /// The keys: a name of small letters, digits and hyphens for each, and where it is: <c>2026-11=file:/run/secrets/a,2026-05=env:NAME</c>; each 32 random bytes or more in Base64. Every hub of a database has
    /// the same. One may be taken away when <c>schedules show hub.encryption</c> no longer names it.
    /// </summary>
    public string? Keys { get; set; }

    /// <summary>Name of the key to seal with. Without it new values are written in clear, and what is sealed is written in clear by and by.</summary>
    public string? Current { get; set; }

    /// <summary>
    /// True to seal attributes of people too: those of profiles, of their parts, of lists that are being taken in and of what shadows state. Set it once every hub of the database runs a version that knows it, for an earlier one
    /// cannot read them; unset it and wait for <c>schedules show hub.encryption</c> before going back to one.
    /// </summary>
    public bool Profiles { get; set; }
}
