namespace IntegrationHub.Contracts.Backfills;

/// <summary>What a backfill does.</summary>
public static class BackfillKind
{
    /// <summary>Writes attributes of people as the hub knows them now.</summary>
    public const string Attributes = "attributes";

    /// <summary>Writes back what another run found before it wrote, where nobody changed it since.</summary>
    public const string Rollback = "rollback";
}
