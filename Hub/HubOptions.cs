using System.ComponentModel.DataAnnotations;
using IntegrationHub.Hub.Encryption;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Hub.Security.Oidc;

namespace IntegrationHub.Hub;

/// <summary>Which broker carries messages.</summary>
internal enum BusKind
{
    /// <summary>In the process; a first run, a laptop, a small shop.</summary>
    InMemory,

    /// <summary>RabbitMQ with quorum queues; several hub instances.</summary>
    RabbitMq,
}

/// <summary>Where and how a hub instance runs; section <c>Hub</c>.</summary>
internal sealed class HubOptions
{
    /// <summary>Bus; <c>InMemory</c> unless set.</summary>
    public BusKind Bus { get; set; }

    /// <summary>Database; <c>Sqlite</c> unless set.</summary>
    public Storage.StorageDatabase Database { get; set; }

    /// <summary>Connection string of PostgreSQL, or of SQLite when its file shall lie elsewhere than <see cref="DataPath"/>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Address of RabbitMQ, for example <c>amqp://user:password@broker:5672/vhost</c>; needed with <see cref="BusKind.RabbitMq"/>.</summary>
    public string? RabbitMq { get; set; }

    /// <summary>
    /// Whether a hub that starts brings the database's schema up to date itself. Set to <c>false</c> where the verb <c>migrate</c> does that as a step of its own: a hub then refuses to start on an older
    /// schema and says what to do. On a newer one it goes on either way.
    /// </summary>
    public bool MigrateAtStart { get; set; } = true;

    /// <summary>Folder for the SQLite file.</summary>
    [Required]
    public string DataPath { get; set; } = "data";

    /// <summary>Configuration folder; the samples beside the program unless set.</summary>
    public string? ConfigPath { get; set; }

    /// <summary>Where the API answers.</summary>
    [Required]
    public string Urls { get; set; } = "http://localhost:8080";

    /// <summary>File that holds the API key; the environment variable <c>HUB_API_KEY</c> wins. Without either only this machine may call.</summary>
    public string? ApiKeyFile { get; set; }

    /// <summary>Whether every caller needs a key, also where no key is set here: the first one is printed once, at the start. Without it and without a key here programs on this machine may call. An identity provider (<see cref="Oidc"/>) implies it.</summary>
    public bool RequireKeys { get; set; }

    /// <summary>
    /// Where the secrets of tombstones are, the newest first: <c>env:NAME</c> or <c>file:PATH</c>, separated by commas; each 32 random bytes or more in Base64. Every hub of a database has the
    /// same. Without it the hub makes one in <see cref="DataPath"/>.
    /// </summary>
    public string? TombstoneKeys { get; set; }

    /// <summary>Where the key is that certificates of erasure are signed with: <c>env:NAME</c> or <c>file:PATH</c>, a private key on P-256 in PEM. Without it the hub makes one in <see cref="DataPath"/>.</summary>
    public string? CertificateKey { get; set; }

    /// <summary>How long a run may make no progress before it is diagnosed.</summary>
    public TimeSpan ProgressTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a vendor may take to show what was delivered before the run ends with issues.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan VerificationPatience { get; set; } = TimeSpan.FromHours(2);

    /// <summary>How long a vendor may take to show the values that were written into fields before the run ends with issues, at most as long as it may take to show members.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan FieldPatience { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How many reads of pages and of programs that only look the database works on at once; they have connections of their own, so that nobody who looks holds up what is delivered.</summary>
    [Range(1, 100)]
    public int ReadConnections { get; set; } = 10;

    /// <summary>How long the database may work on a statement of such a read (SQLite: on the read) before it is given up and answered with 503.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan LongestRead { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Lines per step as JSON instead of text.</summary>
    public bool JsonLogs { get; set; }

    /// <summary>Least level of log lines that are written.</summary>
    public LogLevel LogLevel { get; set; } = LogLevel.Information;

    /// <summary>How the configuration comes into force, section <c>Hub:Config</c>.</summary>
    public ConfigOptions Config { get; } = new();

    /// <summary>What columns are sealed with, section <c>Hub:Encryption</c>.</summary>
    public EncryptionOptions Encryption { get; } = new();

    /// <summary>TLS to the broker, section <c>Hub:BrokerTls</c>.</summary>
    public BrokerTlsOptions BrokerTls { get; } = new();

    /// <summary>The identity provider, section <c>Hub:Oidc</c>.</summary>
    public OidcOptions Oidc { get; } = new();
}
