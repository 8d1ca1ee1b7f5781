namespace IntegrationHub.Hub.Schedules;

/// <summary>A job of the hub's own that could not do what it is for.</summary>
/// <param name="message">What is wrong and what to do, in a sentence for people; nothing personal.</param>
internal sealed class HubJobException(string message) : Exception(message);
