using System.Text.Json;
using IntegrationHub.Contracts.Events;

namespace IntegrationHub.Hub.Delivery;

/// <summary>Events as the log keeps them. Pure.</summary>
internal static class StoredBehavior
{
    /// <summary>What a person did; null when it is kept no longer or cannot be read.</summary>
    /// <param name="json">The fact that states it, or null.</param>
    public static BehaviorTracked? Read(string? json)
    {
        try
        {
            return json is null ? null : JsonSerializer.Deserialize<BehaviorTracked>(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
