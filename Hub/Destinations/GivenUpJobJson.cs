using System.Text.Json.Serialization;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Destinations;

/// <summary>A vendor's job that was given up and may end yet, as the API and the CLI show it.</summary>
/// <param name="RemoteJob">The vendor's name of it.</param>
/// <param name="RunId">The run that handed it over.</param>
/// <param name="Audience">The audience that it is about.</param>
/// <param name="StartedAt">When it was handed over.</param>
/// <param name="GivenUpAt">When it was given up.</param>
/// <param name="NextLookAt">When the hub looks at it again.</param>
/// <param name="Records">People in it.</param>
/// <param name="ToDo">What it means and what a person can do.</param>
internal sealed record GivenUpJobJson(
    [property: JsonPropertyName("remote_job")] string RemoteJob,
    [property: JsonPropertyName("run_id")] Guid RunId,
    [property: JsonPropertyName("audience")] string Audience,
    [property: JsonPropertyName("started_at")] DateTimeOffset StartedAt,
    [property: JsonPropertyName("given_up_at")] DateTimeOffset GivenUpAt,
    [property: JsonPropertyName("next_look_at")] DateTimeOffset NextLookAt,
    [property: JsonPropertyName("records")] long Records,
    [property: JsonPropertyName("to_do")] string ToDo)
{
    public static GivenUpJobJson From(GivenUpJob job) => new(
        job.RemoteJob, job.RunId, job.Audience, job.StartedAt, job.GivenUpAt, job.NextLookAt, job.Records,
        $"The vendor has had it since {job.StartedAt:u} and may still execute it as it was handed over. Look at it in the vendor's own console, and ask its support to end it: no API takes it back. Until it ends no other job is started for {job.Audience}; " +
        "its records go one batch at a time, and whoever changed since is owed anew when the hub sees its end.");
}
