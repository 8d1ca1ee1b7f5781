namespace IntegrationHub.Benchmarks.AudienceSync;

/// <summary>What one run of the scenario measured. Compare the ratios; absolute numbers belong to the machine.</summary>
internal sealed record AudienceSyncNumbers
{
    public required int Members { get; init; }

    /// <summary>Records delivered, over the three vendors.</summary>
    public required long MemberOperations { get; init; }

    public required double LoadRowsPerSecond { get; init; }

    /// <summary>From the first run's start of delivering to the last run's end of it.</summary>
    public required double DeliverOperationsPerSecond { get; init; }

    /// <summary>From the request to the verified end.</summary>
    public required double WholeRunOperationsPerSecond { get; init; }

    /// <summary>The same requests from memory by a bare HttpClient loop that sends one after the other.</summary>
    public required double FloorOneRequestAtATimeOperationsPerSecond { get; init; }

    /// <summary>The same with sixteen requests at a time: all that client and sandboxes can do on this machine.</summary>
    public required double FloorOperationsPerSecond { get; init; }

    public required double DeliverShareOfFloorOneRequestAtATime { get; init; }

    public required double DeliverShareOfFloor { get; init; }

    /// <summary>Rows that the database wrote per member operation over the whole run: inserted, updated, deleted.</summary>
    public required double RowsWrittenPerOperation { get; init; }

    /// <summary>The same rows per second of the whole run, to hold against the raw ceilings.</summary>
    public required double RowsWrittenPerSecond { get; init; }

    /// <summary>What broker and database of this machine give without anything of ours in between.</summary>
    public required IReadOnlyDictionary<string, double> Ceilings { get; init; }

    public required IReadOnlyDictionary<string, double> StageShares { get; init; }

    public required double HubMemoryBeforeMb { get; init; }

    public required double HubMemoryPeakMb { get; init; }

    public required int DeltaMembers { get; init; }

    /// <summary>From the request to the verified end, over the three vendors: the median of several.</summary>
    public required double DeltaSeconds { get; init; }

    public required IReadOnlyList<double> DeltaSecondsOfEach { get; init; }

    public required long DeltaDelivered { get; init; }
}
