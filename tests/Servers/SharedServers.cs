namespace IntegrationHub.TestServers;

/// <summary>The servers that <c>tests/run</c> starts for all test projects together.</summary>
public static class SharedServers
{
    /// <summary>Name of the variable with a connection string of a PostgreSQL superuser on a maintenance database.</summary>
    public const string PostgresVariable = "HUB_TEST_POSTGRES";

    /// <summary>Name of the variable with the AMQP address of a RabbitMQ administrator; the management API answers at that port + 10.</summary>
    public const string RabbitMqVariable = "HUB_TEST_RABBITMQ";

    /// <summary>Connection string of the shared PostgreSQL.</summary>
    /// <exception cref="InvalidOperationException">The variable is not set.</exception>
    public static string Postgres => Required(PostgresVariable, "Host=127.0.0.1;Port=5432;Username=postgres;Database=postgres");

    /// <summary>AMQP address of the shared RabbitMQ, on its default virtual host.</summary>
    /// <exception cref="InvalidOperationException">The variable is not set.</exception>
    public static Uri RabbitMq => new(Required(RabbitMqVariable, "amqp://guest:guest@127.0.0.1:5672/"));

    private static string Required(string variable, string example) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
        ? value
        : throw new InvalidOperationException(
            $"This test needs a real server and {variable} is not set. Use tests/run, which starts the servers and sets it, or set it yourself, for example {variable}='{example}'.");
}
