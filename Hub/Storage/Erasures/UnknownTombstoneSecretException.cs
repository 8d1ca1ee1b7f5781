namespace IntegrationHub.Storage.Erasures;

/// <summary>Tombstones were written with a secret that this hub does not have, so that it cannot tell who was erased: it takes nobody in until it has it.</summary>
/// <param name="version">Name of the secret.</param>
public sealed class UnknownTombstoneSecretException(string version)
    : Exception($"Tombstones were written with the secret {version}, which this hub does not have; it cannot tell who was erased and takes nothing in. Add that secret to Hub:TombstoneKeys of this hub, as the others have it.")
{
    /// <summary>Name of the secret.</summary>
    public string Version { get; } = version;
}
