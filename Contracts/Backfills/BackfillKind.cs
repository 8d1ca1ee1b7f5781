namespace IntegrationHub.Contracts.Backfills;

/// <summary>What a backfill does.</summary>
public static class BackfillKind
{
    /// <summary>Writes attributes of people as the hub knows them now.</summary>
    public const string Attributes = "attributes";

    /// <summary>Writes back what another run found before it wrote, where nobody changed it since.</summary>
    public const string Rollback = "rollback";

    /// <summary>Owes events, chosen from the log, to the destination once more. What the destination was told already is left out. State that is owed again is a run of <see cref="Attributes"/>.</summary>
    public const string Redeliver = "redeliver";

    /// <summary>Brings the state of people to what the log says of them, and owes destinations what is otherwise by it.</summary>
    public const string Rebuild = "rebuild";
}
