namespace IntegrationHub.Hub.Security;

/// <summary>Marks a command whose answer is not kept for repeats, because it holds a secret or personal data.</summary>
internal sealed class AnswersOnce;
