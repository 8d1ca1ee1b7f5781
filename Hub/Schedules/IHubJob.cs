using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Schedules;

/// <summary>
/// Work of the hub's own that is due by the clock (governance §B-g). One hub of all does it at a time. It may be done again from its beginning: a hub that dies over it leaves it to
/// another one.
/// </summary>
internal interface IHubJob
{
    /// <summary>When it is due. Names begin with <see cref="HubJobs.Prefix"/>, so that no schedule of the configuration can have them.</summary>
    BellPlan Plan { get; }

    /// <summary>What it does, in a sentence.</summary>
    string Description { get; }

    /// <summary>Does it, in bounded steps.</summary>
    /// <returns>What it did, in a sentence for people; nothing personal.</returns>
    Task<string> WorkAsync(CancellationToken cancellationToken);
}
