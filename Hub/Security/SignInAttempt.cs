namespace IntegrationHub.Hub.Security;

/// <summary>Marks a route where somebody says who they are: attempts are few, or guesses would be cheap.</summary>
internal sealed class SignInAttempt;
