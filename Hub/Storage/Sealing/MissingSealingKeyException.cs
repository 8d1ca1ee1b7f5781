namespace IntegrationHub.Storage.Sealing;

/// <summary>Something is sealed with a key that this hub does not have: it is neither read as empty nor written over.</summary>
/// <param name="keyId">Name of the key.</param>
public sealed class MissingSealingKeyException(string keyId)
    : Exception($"Columns of this database are sealed with the key '{keyId}', which this hub does not have. Add it to Hub:Encryption:Keys of this hub, as the others have it, and start it again.")
{
    /// <summary>Name of the key.</summary>
    public string KeyId { get; } = keyId;
}
