namespace IntegrationHub.Storage.Shadows;

/// <summary>Of whom a shadow states anything.</summary>
/// <param name="Stated">People, by the keys that it names them by.</param>
/// <param name="Unknown">Those of them who are nobody that the hub knows, or whose key is contested or blocked.</param>
public sealed record ShadowPeople(long Stated, long Unknown);
