namespace IntegrationHub.Storage;

/// <summary>How what goes to the database is kept from others on the way.</summary>
public enum DatabaseRoad
{
    /// <summary>It stays on this machine, or is encrypted for the one server that is meant.</summary>
    Safe,

    /// <summary>Encrypted, for whoever answers.</summary>
    Unsure,

    /// <summary>Encrypted where the server offers it.</summary>
    PerhapsPlain,

    /// <summary>Never encrypted.</summary>
    Plain,
}
