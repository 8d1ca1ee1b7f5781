using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Reconciliation;

/// <summary>Somebody else at work at a vendor's sandbox, over the vendor's own HTTP.</summary>
internal interface IOtherHands
{
    /// <summary>The destination whose vendor it is.</summary>
    string Destination { get; }

    /// <summary>Calls that the vendor allows a day, which the connector takes for granted.</summary>
    int CallsPerDay { get; }

    /// <summary>So small a share of the day has room for the pages of a few thousand members.</summary>
    double LeastShare { get; }

    /// <summary>So many seconds the vendor may not show what was changed, so that the hub reads who it wrote.</summary>
    int Settles { get; }

    /// <summary>So long the sandbox does not show a change.</summary>
    TimeSpan ShownAfter { get; }

    /// <summary>Of the given members takes the first quarter off the list, deletes the second, changes a field of the third, merges the last into others, and adds as many strangers as a quarter.</summary>
    /// <param name="sandbox">The sandboxes.</param>
    /// <param name="members">The vendor's ids of members, four times <paramref name="planted"/>.</param>
    /// <param name="planted">How many of each kind.</param>
    Task PlantAsync(HubProcess sandbox, string[] members, int planted);
}
